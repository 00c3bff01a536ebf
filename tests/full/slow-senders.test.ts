import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openArena, type Arena } from '../attacks/arena.ts'
import { until } from '../support/poll.ts'
import { byForm } from './form.ts'
import { figure } from './figures.ts'

/* Senders that are slow on purpose: each is cut off at its limit, takes nothing in, and keeps nobody else waiting. */

const sockets = byForm(20, 150)
const limits = 'httpHeadersMs=1500,uploadIdleMs=1500,sftpLoginGraceMs=1500,sftpIdleMs=2000'

let arena: Arena
beforeAll(async () => {
  arena = await openArena({ limits })
})
afterAll(async () => {
  await arena.close()
})

test.each([
  ['headers that never end', 'http', 'POST /v1/documents HTTP/1.1\r\nhost: hub\r\nx-slow: '],
  ['a body that never comes', 'http', null],
  ['nothing at all on the SFTP port', 'sftp', ''],
  ['half a banner on the SFTP port', 'sftp', 'SSH-2.0-slow'],
] as const)(
  'senders with %s are cut off, and others pass meanwhile',
  { timeout: 180_000 },
  async (what, port, begin) => {
    await arena.vitals()
    const head = begin ?? (await beginOfPost())
    const { http, sftpPort } = arena.hub
    const opened = Array.from({ length: sockets }, () =>
      slowSocket(port === 'http' ? Number(new URL(http).port) : sftpPort, head),
    )
    const startedMs = performance.now()
    await Promise.all(opened.map(({ connected }) => connected))
    await arena.expectAlive()
    const goodMs = performance.now() - startedMs
    await until(
      `all ${sockets} are cut off`,
      () => (opened.every(({ isOver }) => isOver()) ? true : null),
      120_000,
    )
    const cutMs = performance.now() - startedMs
    const { peakMiB } = await arena.vitals()
    if (peakMiB !== null) expect(peakMiB).toBeLessThan(400)
    const { rows } = await arena.database.admin.query(
      `select 1 from transmission where evidence->'headers'->>'idempotency-key' = 'slow'`,
    )
    expect(rows).toEqual([])
    const seen = `two orders through all steps in ${Math.round(goodMs)} ms`
    const checked = `cut off after ${(cutMs / 1000).toFixed(1)} s, ${peakMiB} MiB`
    figure('senders', [`${sockets} senders with ${what}`, seen, checked])
  },
)

async function beginOfPost(): Promise<string> {
  return [
    'POST /v1/documents HTTP/1.1',
    'host: hub',
    `authorization: Bearer ${arena.token}`,
    'idempotency-key: slow',
    'content-length: 1000000',
    '',
    'UNB+UNOC:3+',
  ].join('\r\n')
}

function slowSocket(port: number, begin: string) {
  let over = false
  const socket: Socket = connect(port, '127.0.0.1')
  const connected = new Promise<void>((resolve) => {
    socket.once('connect', () => {
      socket.write(begin)
      resolve()
    })
    socket.once('error', () => resolve())
  })
  socket.on('error', () => {})
  socket.on('data', () => {})
  socket.once('close', () => (over = true))
  socket.once('end', () => (over = true))
  return { connected, isOver: () => over }
}
