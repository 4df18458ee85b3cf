import { defineConfig } from 'vitest/config';

// oxlint-disable-next-line import/no-default-export -- vitest reads the default export
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/image/**', 'test/browser/**', 'test/s3-oracle/**'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
