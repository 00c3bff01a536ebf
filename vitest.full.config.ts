import { defineConfig } from 'vitest/config'

/**
 * The long tests: sizes, soaks, slow peers, hostile input, and every fault at every point (docs/full.md). One file after
 * the other.
 */
export default defineConfig({
  test: {
    include: ['tests/full/**/*.{full,test}.ts', 'tests/attacks/**/*.test.ts'],
    globalSetup: ['tests/support/global-setup.ts', 'tests/full/keep.ts'],
    env: { CROSSDOCK_FULL: '1' },
    testTimeout: 3_600_000,
    hookTimeout: 600_000,
    pool: 'forks',
    fileParallelism: false,
  },
})
