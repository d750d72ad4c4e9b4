/**
 * The models that a provider is tried with, as files: the trial must not need a workspace, a download or a writer of
 * ONNX. What they hold is written out in trial-models.test.ts, which makes them again and compares.
 */

/** y = relu(x·w)·w, x of N×64, w of 64×64: what is computed is held against the CPU. */
export const COMPARED = {
  width: 64,
  file: () =>
    Buffer.from(
      'CAgSCmxhdGhlLXRlc3Q6fAoRCgF4CgF3EgFhIgZNYXRNdWwKDAoBYRIBYiIEUmVsdQoRCgFiCgF3EgF5IgZNYXRNdWwSBWdy' +
        'YXBoWhQKAXgSDwoNCAESCQoDEgFOCgIIQFoTCgF3Eg4KDAgBEggKAghACgIIQGIUCgF5Eg8KDQgBEgkKAxIBTgoCCEBCBAoA' +
        'EBE=',
      'base64',
    ),
};

/** Eight layers relu(x·w) of 1024×1024, the weights inside: how long a run takes is held against the CPU. */
export const MEASURED = {
  width: 1024,
  file: () =>
    Buffer.from(
      'CAgSCmxhdGhlLXRlc3Q6lwMKGwoFc2hhcGUSAXciD0NvbnN0YW50T2ZTaGFwZQoSCgF4CgF3EgJhMSIGTWF0TXVsCg4KAmEx' +
        'EgJiMSIEUmVsdQoTCgJiMQoBdxICYTIiBk1hdE11bAoOCgJhMhICYjIiBFJlbHUKEwoCYjIKAXcSAmEzIgZNYXRNdWwKDgoC' +
        'YTMSAmIzIgRSZWx1ChMKAmIzCgF3EgJhNCIGTWF0TXVsCg4KAmE0EgJiNCIEUmVsdQoTCgJiNAoBdxICYTUiBk1hdE11bAoO' +
        'CgJhNRICYjUiBFJlbHUKEwoCYjUKAXcSAmE2IgZNYXRNdWwKDgoCYTYSAmI2IgRSZWx1ChMKAmI2CgF3EgJhNyIGTWF0TXVs' +
        'Cg4KAmE3EgJiNyIEUmVsdQoTCgJiNwoBdxICYTgiBk1hdE11bAoNCgJhOBIBeSIEUmVsdRIFZ3JhcGgqHQgCEAdCBXNoYXBl' +
        'ShAABAAAAAAAAAAEAAAAAAAAWhUKAXgSEAoOCAESCgoDEgFOCgMIgAhiFQoBeRIQCg4IARIKCgMSAU4KAwiACEIECgAQEQ==',
      'base64',
    ),
};
