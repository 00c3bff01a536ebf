import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('of an error type, message, code and stack are logged, and nothing that hangs on it', () => {
  const program = `
    const { createLog } = await import(${JSON.stringify(new URL('log.ts', import.meta.url).href)})
    const error = Object.assign(new Error('lost', { cause: new Error('cut') }), { code: '57P01', client: { secretKey: 4711 } })
    createLog('info').warn({ err: error, password: 'canary' }, 'database connection lost')`
  const written = execFileSync(
    '/bin/sh',
    ['-c', 'exec "$0" --input-type=module -e "$1" 2>&1', process.execPath, program],
    { encoding: 'utf8' },
  )
  const line = JSON.parse(written) as { err: { stack: string } }
  expect(line).toMatchObject({ level: 'warn', password: '[redacted]', msg: 'database connection lost' })
  expect(Object.keys(line.err)).toEqual(['type', 'message', 'code', 'stack'])
  expect(line.err).toMatchObject({ type: 'Error', message: 'lost: cut', code: '57P01' })
  expect(written).not.toContain('4711')
})
