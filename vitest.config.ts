import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{hub,partners,mappings,portal,tests}/**/*.test.ts'],
    globalSetup: ['tests/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // most tests wait for processes, disks and sockets: by default one worker less than there are cores would run
    maxWorkers: Math.max(2, availableParallelism()),
  },
})
