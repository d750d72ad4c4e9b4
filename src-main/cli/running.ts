/** Finds the engine that has a workspace open. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { LatheError } from '../contract/errors.ts';
import { readAppState, sampleWorkspace, userDataFolder } from '../platform/app-state.ts';
import { type Client, connectSocket } from './client.ts';

/** The part of lock.json (engine/data/lock.ts) that says where to knock. */
const Holder = z.object({ pid: z.int(), run: z.string() });

/** The workspace named, or the one the desktop app had open last, or the sample. */
export function workspaceOrDefault(given: string | undefined): string {
  if (given !== undefined) return resolve(given);
  const userData = userDataFolder();
  return readAppState(userData).lastWorkspace ?? sampleWorkspace(userData);
}

/** Throws LATHE_HOST_NOT_RUNNING when nobody has it open; a lock.json that a crash left behind counts for nothing. */
export async function connectToRunning(workspace: string): Promise<Client> {
  try {
    const holder = Holder.parse(JSON.parse(await readFile(join(workspace, 'lock.json'), 'utf8')));
    return await connectSocket(socketIn(holder.run));
  } catch (cause) {
    throw new LatheError('LATHE_HOST_NOT_RUNNING', { path: workspace }, { cause });
  }
}

/** As engine/rpc/socket.ts names it. */
const socketIn = (run: string): string =>
  process.platform === 'win32' ? `\\\\.\\pipe\\${run.replaceAll(/[\\/:]/g, '-')}-rpc` : join(run, 'rpc.sock');
