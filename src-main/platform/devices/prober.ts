/**
 * Finds out what can run models on this machine: looks at what is there, tries each provider that could work in a
 * process of its own, one after the other so that they do not slow each other, and remembers the findings until
 * something that they depend on changes.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ProviderFinding } from '../../contract/devices.ts';
import type { Clock } from '../clock.ts';
import { libraryFolders, pipCommand, textOf } from './cuda-files.ts';
import { finding, obstacles, PREFERENCE } from './findings.ts';
import { fingerprint, lookAtMachine, type Places } from './machine.ts';
import type { Trial } from './trial.ts';

const Found = z.object({ fingerprint: z.string(), triedMs: z.int(), findings: z.array(ProviderFinding) });
export type Found = z.infer<typeof Found>;

export type Prober = {
  /** What is remembered, if it still holds. */
  remembered(): Found | null;
  /** Tries everything. What goes wrong is a finding; it rejects only when it is told to stop. */
  probe(signal?: AbortSignal): Promise<Found>;
  /** For the dynamic linker of whoever is to use CUDA. */
  libraries(): string[];
};

export function createProber(ports: { places: Places; trial: Trial; clock: Clock }): Prober {
  const { places, trial, clock } = ports;
  const file = join(places.devices, 'findings.json');
  const libraries = () => libraryFolders(places.devices, places.env);

  async function probe(signal?: AbortSignal): Promise<Found> {
    // Taken before the trials: what changes while they run makes the next look try again.
    const before = fingerprint(places);
    const facts = await lookAtMachine(places);
    const findings: ProviderFinding[] = [];
    for (const provider of PREFERENCE) {
      const problems = obstacles(provider, facts, pipCommand(places.devices));
      const folders = provider === 'cuda' ? libraries() : [];
      signal?.throwIfAborted();
      const outcome = problems.length > 0 ? null : await trial(provider, folders);
      findings.push(finding(provider, facts, problems, outcome));
    }
    // A trial that was ended with its host is no finding.
    signal?.throwIfAborted();
    const found = { fingerprint: before, triedMs: clock.now(), findings };
    remember(file, found);
    return found;
  }

  return {
    probe,
    libraries,
    remembered() {
      try {
        const found = Found.parse(JSON.parse(textOf(file) ?? ''));
        return found.fingerprint === fingerprint(places) ? found : null;
      } catch {
        return null;
      }
    },
  };
}

/** A folder that cannot be written to costs the next start a trial, nothing else. */
function remember(file: string, found: Found): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(temporary, `${JSON.stringify(found, null, 2)}\n`);
    renameSync(temporary, file);
  } catch {
    // See above.
  }
}
