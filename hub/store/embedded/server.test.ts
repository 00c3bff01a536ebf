import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startEmbedded } from './server.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossdock-embedded-'))
  await chmod(folder, 0o755)
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

test('the server that one command started lives until the last one that uses it stops', async () => {
  const first = await startEmbedded(folder)
  const second = await startEmbedded(folder)
  expect([first.started, second.started]).toEqual([true, false])
  await first.stop()
  expect(await answers(second.url)).toBe(true)
  await second.stop()
  expect(await answers(second.url)).toBe(false)
})

test('two commands that start at the same moment share one server, and data outlives it', async () => {
  const both = await Promise.all([startEmbedded(folder), startEmbedded(folder)])
  expect(both[0].url).toBe(both[1].url)
  await query(both[0].url, 'create table kept (id int)')
  await Promise.all(both.map((server) => server.stop()))
  const again = await startEmbedded(folder)
  expect(await answers(again.url, 'select count(*) from kept')).toBe(true)
  await again.stop()
})

test('a server that ends by itself is started again on the same port for whoever keeps it running', async () => {
  const told: string[] = []
  const server = await startEmbedded(folder, {
    keepRunning: true,
    onRestart: (outcome) => told.push(outcome),
  })
  const pid = Number(
    (await readFile(join(folder, 'postgres', 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[0],
  )
  process.kill(pid, 'SIGKILL')
  await vi.waitFor(() => expect(told).toEqual(['the embedded PostgreSQL had ended and was started again']), {
    timeout: 20_000,
  })
  expect(await answers(server.url)).toBe(true)
  await server.stop()
  expect(await answers(server.url)).toBe(false)
})

async function answers(url: string, text = 'select 1'): Promise<boolean> {
  return query(url, text).then(
    () => true,
    () => false,
  )
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}
