import { defineConfig } from 'vitest/config'

/** The rules of the house alone, without a database. */
export default defineConfig({ test: { include: ['tests/tidy.test.ts'] } })
