import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTestContext, type TestContext } from '../testing.ts';
import { mlflowParts } from './mlflow/testing.ts';
import { startMlflow } from './mlflow-service.ts';

let context: TestContext;
beforeEach(async () => {
  context = await openTestContext();
});
afterEach(() => context.close());

const start = (port: number) => startMlflow(context, port, mlflowParts(context));

/** node:http, because fetch does not let a caller choose the Host header. */
function call(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string> } = {},
) {
  return new Promise<{ status: number; body: string; type: string }>((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, path, ...options }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        body += part;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body, type: response.headers['content-type'] ?? '' }),
      );
    });
    req.on('error', reject);
    req.end();
  });
}

describe('the MLflow port', () => {
  test('answers health and version, and refuses the rest in MLflow’s form', async () => {
    const service = start(0);
    await service.settled;
    const port = Number(new URL(context.status.urls().mlflow ?? '').port);
    expect(await call(port, '/health')).toMatchObject({ status: 200, body: 'OK' });
    expect(await call(port, '/version?x=1')).toMatchObject({
      status: 200,
      body: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
    for (const path of ['/api/2.0/mlflow/runs/create', '/', '/toString', '/../../etc/passwd']) {
      const { status, body, type } = await call(port, path);
      expect({ status, type }).toEqual({ status: 404, type: 'application/json' });
      expect(JSON.parse(body)).toEqual({
        error_code: 'ENDPOINT_NOT_FOUND',
        message: expect.stringContaining('GET'),
      });
    }
    expect((await call(port, '/health', { method: 'DELETE' })).status).toBe(404);
    await service.close();
    await expect(call(port, '/health')).rejects.toThrow();
  });

  test('answers no rebound name and no web page', async () => {
    const service = start(0);
    await service.settled;
    const port = Number(new URL(context.status.urls().mlflow ?? '').port);
    for (const headers of [{ host: 'evil.example' }, { origin: 'http://evil.example' }, { origin: 'null' }]) {
      const { status, body } = await call(port, '/health', { headers });
      expect(status).toBe(403);
      expect(JSON.parse(body)).toMatchObject({ error_code: 'PERMISSION_DENIED' });
    }
    expect((await call(port, '/health', { headers: { host: `localhost:${port}` } })).status).toBe(200);
    await service.close();
  });

  test('on a taken port is a service with an error; nothing else is disturbed', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const service = start(port);
    await service.settled;
    expect(context.status.urls().mlflow).toBeNull();
    expect(context.status.services().get('mlflow')).toMatchObject({
      state: 'failed',
      error: { code: 'LATHE_SERVING_PORT_IN_USE', details: { port, service: 'the MLflow port' } },
    });
    await service.close();
    await new Promise((resolve) => other.close(resolve));
  });
});
