/** How rewards and labels reach the test. */
import { CodeBlock } from '../../ui/CodeBlock.tsx';
import { Panel } from '../../ui/Panel.tsx';

export function FeedbackPanel({ url }: { url: string | null }) {
  const address = new URL('/v2/lathe/feedback', url ?? 'http://127.0.0.1:8000').href;
  const code = `# the id is in every answer: {"id": "…", "outputs": […]}
curl -s ${address} \\
  -H 'content-type: application/json' \\
  -d '{"requestId": "<id of the answer>", "reward": 1}'`;
  return (
    <Panel title="Send feedback" hint="a reward, or the label that was right">
      <p className="mb-2 text-ink-2">
        What became of an answer is told by its request id, at once or days later: <code>reward</code> for
        what it earned, <code>label</code> for what was right. Sending it again changes nothing.
      </p>
      <CodeBlock code={code} label="Feedback with curl" />
    </Panel>
  );
}
