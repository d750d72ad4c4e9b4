/** Sending labels as code to copy. Pure. */
export const LANGUAGES = [
  { value: 'curl', label: 'curl' },
  { value: 'python', label: 'Python' },
  { value: 'cli', label: 'Command line' },
] as const;
export type Language = (typeof LANGUAGES)[number]['value'];

/** `url` is the endpoint's own; labels go to the same server. */
export function labelSnippet(language: Language, url: string | null): string {
  const address = new URL('/v2/lathe/feedback', url ?? 'http://127.0.0.1:8000').href;
  switch (language) {
    case 'curl':
      return `# the id is in every answer: {"id": "…", "outputs": […]}
curl -s ${address} \\
  -H 'content-type: application/json' \\
  -d '{"items": [{"requestId": "<id of the answer>", "label": "1"}]}'`;
    case 'python':
      return `# pip install requests
import requests

# (id of the answer, what turned out to be true); at most 5,000 at a time
known = [("<id of the answer>", "1")]
response = requests.post(
    ${JSON.stringify(address)},
    json={"items": [{"requestId": id, "label": label} for id, label in known]},
    timeout=30,
)
response.raise_for_status()
for (id, _), result in zip(known, response.json()["results"]):
    print(id, result["state"])`;
    case 'cli':
      return `# labels.csv has a header:
#   requestId,label
#   <id of the answer>,1
lathe feedback labels.csv`;
  }
}
