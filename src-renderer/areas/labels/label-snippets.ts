/** Sending labels as code to copy. Pure. */
export const LANGUAGES = [
  { value: 'curl', label: 'curl' },
  { value: 'python', label: 'Python' },
  { value: 'cli', label: 'Command line' },
] as const;
export type Language = (typeof LANGUAGES)[number]['value'];
export type Way = 'id' | 'entity';

type Place = { endpoint: string; url: string | null };

/** `url` is the endpoint's own; labels go to the same server. */
export const labelSnippet = (language: Language, way: Way, { endpoint, url }: Place): string =>
  WRITERS[language](way, endpoint, new URL('/v2/lathe/feedback', url ?? 'http://127.0.0.1:8000').href);

/** The newest prediction of the unit in the day before 15 Mar 2013, 10:00 UTC. */
const byEntity = (endpoint: string) => ({
  endpoint,
  entity: 'UA1545',
  atMs: 1_363_341_600_000,
  withinMs: 86_400_000,
  label: '1',
});

const WRITERS: Readonly<Record<Language, (way: Way, endpoint: string, address: string) => string>> = {
  curl: (way, endpoint, address) => `${
    way === 'id'
      ? '# the id is in every answer: {"id": "…", "outputs": […]}'
      : '# joins the newest prediction of the entity (lathe_unit of the request) in the day before atMs'
  }
curl -s ${address} \\
  -H 'content-type: application/json' \\
  -d '${JSON.stringify({
    items: [way === 'id' ? { requestId: '<id of the answer>', label: '1' } : byEntity(endpoint)],
  })}'`,
  python: (way, endpoint, address) => `# pip install requests
import requests

# ${way === 'id' ? '(id of the answer, what turned out to be true)' : '(entity, when it happened in ms, what turned out to be true)'}; at most 5,000 at a time
known = [${way === 'id' ? '("<id of the answer>", "1")' : '("UA1545", 1363341600000, "1")'}]
items = [
    ${
      way === 'id'
        ? '{"requestId": id, "label": label} for id, label in known'
        : `{"endpoint": ${JSON.stringify(endpoint)}, "entity": entity, "atMs": at, "withinMs": 86400000, "label": label}
    for entity, at, label in known`
    }
]
response = requests.post(${JSON.stringify(address)}, json={"items": items}, timeout=30)
response.raise_for_status()
for item, result in zip(items, response.json()["results"]):
    print(item, result["state"])`,
  cli: (way, endpoint) =>
    way === 'id'
      ? `# labels.csv has a header:
#   requestId,label
#   <id of the answer>,1
lathe feedback labels.csv`
      : `# labels.jsonl has one object a line:
#   ${JSON.stringify(byEntity(endpoint))}
lathe feedback labels.jsonl`,
};
