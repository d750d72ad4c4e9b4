/** Pushing business metrics as code to copy. Pure. */
export const LANGUAGES = [
  { value: 'curl', label: 'curl' },
  { value: 'python', label: 'Python' },
] as const;
export type Language = (typeof LANGUAGES)[number]['value'];

type Place = { endpoint: string; metric: string; url: string | null };

/** `url` is the endpoint's own; the figures go to the same server. */
export function pushSnippet(language: Language, { endpoint, metric, url }: Place): string {
  const address = new URL('/v2/lathe/business-metrics', url ?? 'http://127.0.0.1:8000').href;
  const point = { name: metric, atMs: 1_363_305_600_000, value: 312 };
  if (language === 'curl')
    return `# atMs is what the value is about; the same name and time again replaces it
curl -s ${address} \\
  -H 'content-type: application/json' \\
  -d '${JSON.stringify({ endpoint, points: [point] })}'`;
  return `# pip install requests
import requests

response = requests.post(
    ${JSON.stringify(address)},
    json={
        "endpoint": ${JSON.stringify(endpoint)},
        # at most 5,000; the same name and time again replaces a value
        "points": [{"name": ${JSON.stringify(metric)}, "atMs": ${point.atMs}, "value": ${point.value}}],
    },
    timeout=30,
)
response.raise_for_status()
print(response.json())  # {"added": 1, "replaced": 0, "unchanged": 0}`;
}
