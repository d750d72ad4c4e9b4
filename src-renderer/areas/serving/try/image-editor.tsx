/** A picture file as the model's input: resized and scaled as the model was trained on. */
import { ImageUp } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { TensorSpec } from '../../../../src-main/contract/common.ts';
import { formatNumber } from '../../../lib/format.ts';
import { Button } from '../../../ui/Button.tsx';
import { Callout } from '../../../ui/Callout.tsx';
import { Select } from '../../../ui/Select.tsx';
import { NumberField } from '../../../ui/TextField.tsx';
import { type ImageInput, type ImageOptions, MOST_SIDE, PRESETS, type PresetId } from './image-rules.ts';
import type { ImageAnswer, ImageQuestion } from './image-worker.ts';
import type { Draft } from './request-body.ts';

const NO_FILE: Draft = { problem: 'Choose a picture.' };

export function ImageEditor({
  spec,
  image,
  onDraft,
}: {
  spec: TensorSpec;
  image: ImageInput;
  onDraft: (draft: Draft) => void;
}) {
  const [file, setFile] = useState<File | null>(null);
  const [preset, setPreset] = useState<PresetId>(spec.datatype.startsWith('FP') ? 'unit' : 'raw');
  const [shape, setShape] = useState<Omit<ImageOptions, 'scale' | 'mean' | 'std'>>({
    layout: image.layout,
    height: image.height || 224,
    width: image.width || 224,
    fit: 'cover',
    order: 'RGB',
  });
  const chosen = PRESETS.find(({ id }) => id === preset) ?? PRESETS[0];
  const { layout, height, width, fit, order } = shape;
  const answer = useImage(file, spec, image, { layout, height, width, fit, order, ...chosen });
  const latest = useRef(onDraft);
  latest.current = onDraft;
  useEffect(() => {
    if (!answer) latest.current(file ? { problem: 'The picture is being read.' } : NO_FILE);
    else if ('problem' in answer) latest.current({ problem: answer.problem });
    else {
      const dims =
        layout === 'NCHW' ? [1, image.channels, height, width] : [1, height, width, image.channels];
      const head = JSON.stringify({ name: spec.name, shape: dims, datatype: spec.datatype });
      latest.current({ text: `{"inputs":[${head.slice(0, -1)},"data":${answer.data}}]}`, rows: 1 });
    }
  }, [answer, file, spec, image.channels, layout, height, width]);

  const change = (part: Partial<typeof shape>) => setShape({ ...shape, ...part });
  return (
    <div className="flex flex-col gap-3">
      <FileChoice file={file} onFile={setFile} />
      <div className="grid grid-cols-2 gap-3 md:grid-cols-3">
        <Select<PresetId>
          label="Values"
          value={preset}
          onChange={setPreset}
          options={PRESETS.map(({ id, label }) => ({ value: id, label }))}
          help={`scale ${formatNumber(chosen.scale, 3)}, mean ${chosen.mean.join(' ')}, deviation ${chosen.std.join(' ')}`}
        />
        <Select<ImageOptions['fit']>
          label="Fit"
          value={fit}
          onChange={(next) => change({ fit: next })}
          options={[
            { value: 'cover', label: 'Cut what sticks out' },
            { value: 'contain', label: 'Black bars' },
            { value: 'stretch', label: 'Stretch' },
          ]}
        />
        <Select<ImageOptions['order']>
          label="Channels"
          value={order}
          disabled={image.channels === 1}
          onChange={(next) => change({ order: next })}
          options={[
            { value: 'RGB', label: image.channels === 1 ? 'Grey' : 'Red, green, blue' },
            { value: 'BGR', label: 'Blue, green, red' },
          ]}
          help={layout}
        />
        {image.height === 0 || image.width === 0 ? (
          <>
            <NumberField
              label="Height"
              integer
              min={1}
              max={MOST_SIDE}
              value={height}
              unit="px"
              disabled={image.height > 0}
              onCommit={(next) => change({ height: next })}
            />
            <NumberField
              label="Width"
              integer
              min={1}
              max={MOST_SIDE}
              value={width}
              unit="px"
              disabled={image.width > 0}
              onCommit={(next) => change({ width: next })}
            />
          </>
        ) : null}
      </div>
      {answer && 'problem' in answer ? <Callout tone="bad" title={answer.problem} /> : null}
      {answer && 'preview' in answer ? <Preview answer={answer} /> : null}
    </div>
  );
}

function FileChoice({ file, onFile }: { file: File | null; onFile: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className="flex min-w-0 items-center gap-2">
      <input
        ref={input}
        type="file"
        accept="image/*"
        className="sr-only"
        aria-label="Picture"
        tabIndex={-1}
        onChange={(event) => {
          const [first] = event.target.files ?? [];
          if (first) onFile(first);
          event.target.value = '';
        }}
      />
      <Button icon={ImageUp} onClick={() => input.current?.click()}>
        {file ? 'Another picture' : 'Choose a picture'}
      </Button>
      <span className="min-w-0 truncate text-xs text-ink-3">{file?.name ?? 'PNG, JPEG, WebP, …'}</span>
    </div>
  );
}

function Preview({ answer }: { answer: Extract<ImageAnswer, { data: string }> }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { preview, from, low, high } = answer;
  useEffect(() => {
    canvas.current?.getContext('2d')?.drawImage(preview, 0, 0);
  }, [preview]);
  return (
    <figure className="flex items-end gap-3">
      <canvas
        ref={canvas}
        key={`${preview.width}x${preview.height}`}
        width={preview.width}
        height={preview.height}
        role="img"
        aria-label="What the model sees"
        className="max-h-48 max-w-48 rounded-sm border border-line"
      />
      <figcaption className="num text-xs text-ink-3">
        {from.width} × {from.height} → {preview.width} × {preview.height}
        <br />
        values from {formatNumber(low, 3)} to {formatNumber(high, 3)}
      </figcaption>
    </figure>
  );
}

/** Null while there is no file, or it is read. */
function useImage(
  file: File | null,
  spec: TensorSpec,
  image: ImageInput,
  options: ImageOptions,
): ImageAnswer | null {
  const [answer, setAnswer] = useState<ImageAnswer | null>(null);
  const { datatype } = spec;
  const key = JSON.stringify(options);
  useEffect(() => {
    setAnswer(null);
    if (!file) return;
    const worker = new Worker(new URL('./image-worker.ts', import.meta.url), {
      type: 'module',
      name: 'image',
    });
    worker.onmessage = ({ data }: MessageEvent<ImageAnswer>) => setAnswer(data);
    worker.onerror = () => setAnswer({ problem: 'The picture could not be read here.' });
    const question = { file, datatype, channels: image.channels, options: JSON.parse(key) as ImageOptions };
    worker.postMessage(question satisfies ImageQuestion);
    return () => worker.terminate();
  }, [file, datatype, image.channels, key]);
  return answer;
}
