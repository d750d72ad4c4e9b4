import { describe, expect, it } from 'vitest';
import { hermeticEnvironment, withLibraries } from './environment.ts';

describe('hermeticEnvironment', () => {
  it('keeps what programs need and drops what steers Node or is a secret', () => {
    const given = {
      PATH: '/bin',
      HOME: '/home/ada',
      LATHE_LOG_LEVEL: 'debug',
      NODE_OPTIONS: '--require /tmp/x.js',
      ELECTRON_RUN_AS_NODE: '1',
      LD_PRELOAD: '/tmp/x.so',
      GITHUB_TOKEN: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      OPENAI_API_KEY: 'c',
      npm_config_registry: 'd',
    };
    expect(hermeticEnvironment(given)).toEqual({ PATH: '/bin', HOME: '/home/ada', LATHE_LOG_LEVEL: 'debug' });
  });
});

describe('withLibraries', () => {
  it('puts folders before those that are there, and changes nothing without any', () => {
    const env = { PATH: '/bin', LD_LIBRARY_PATH: '/opt/lib' };
    expect(withLibraries(env)).toEqual(env);
    expect(withLibraries(env, ['/a', '/b'])).toEqual({ PATH: '/bin', LD_LIBRARY_PATH: '/a:/b:/opt/lib' });
    expect(withLibraries({}, ['/a'])).toEqual({ LD_LIBRARY_PATH: '/a' });
  });
});
