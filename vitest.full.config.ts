import { defineConfig } from 'vitest/config'

/** The long tests: sizes, soaks, slow peers, and every fault at every point. One file after the other. */
export default defineConfig({
  test: {
    include: ['tests/full/**/*.{full,test}.ts'],
    globalSetup: ['tests/support/global-setup.ts'],
    testTimeout: 600_000,
    hookTimeout: 300_000,
    pool: 'forks',
    fileParallelism: false,
  },
})
