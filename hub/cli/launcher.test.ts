import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { testDatabase } from '#tests/support/database.ts'

test('a hub whose launcher was killed stops as if it were asked to', async () => {
  const database = await testDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'crossdock-launcher-'))
  // forked with the channel that the launcher gives; closing it is what the system does when the launcher is killed
  const hub = fork(fileURLToPath(new URL('crossdock.mjs', import.meta.url)), ['serve', '--json'], {
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    env: {
      ...process.env,
      DATABASE_URL: database.url,
      CROSSDOCK_DATA: folder,
      CROSSDOCK_HTTP_PORT: '0',
      CROSSDOCK_SFTP_PORT: '0',
    },
  })
  await once(hub.stdout!, 'data')
  hub.disconnect()
  const [code] = (await once(hub, 'exit')) as [number | null]
  expect(code).toBe(0)
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})
