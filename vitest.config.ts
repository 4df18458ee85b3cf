import { defineConfig } from 'vitest/config';

// oxlint-disable-next-line import/no-default-export -- vitest reads the default export
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/image/**', 'test/browser/**', 'test/s3-oracle/**'],
    // Most of the suite waits for processes: more workers than cores keep the cores busy.
    maxWorkers: 3,
    // Each is a last resort against a hang, and no measure of speed: a busy machine may take its time.
    testTimeout: 180_000,
    hookTimeout: 90_000,
    expect: { poll: { timeout: 45_000 } },
  },
});
