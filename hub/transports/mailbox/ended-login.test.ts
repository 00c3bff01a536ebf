import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openBox, type Box } from './box.fixture.ts'
import { rawClient, type Raw } from './client.fixture.ts'
import { Standing } from './standing.ts'

let box: Box
let client: Raw

beforeEach(async () => {
  box = await openBox()
  client = await rawClient(box)
})
afterEach(async () => {
  await box.close()
})

describe('a log-in that ended', () => {
  test.each([
    ['channelSuspended', 'CD-1006'],
    ['notAuthenticated', 'CD-1005'],
  ] as const)('a session takes and gives nothing after %s, and is ended', async (ended, code) => {
    box.place('f.edi', Buffer.from('abc'))
    const others = await Promise.all([rawClient(box), rawClient(box), rawClient(box)])
    box.ended = ended
    const gone = new Promise((resolve) => client.socket.once('close', resolve))
    const said = await client.put('/inbox/a.edi', Buffer.from('x'))
    expect(said).toMatchObject({ status: 'FAILURE', message: expect.stringContaining(code) as string })
    await gone
    await expect(others[0]!.list('/outbox')).rejects.toMatchObject({ code: 4 })
    await expect(others[1]!.open('/outbox/f.edi', 'r')).rejects.toMatchObject({ code: 4 })
    expect(await others[2]!.remove('/outbox/f.edi')).toMatchObject({ status: 'FAILURE' })
    expect(box.accepted).toEqual([])
    expect(box.collected).toEqual([])
  })

  test('it is asked about once a second at most, and a no stays a no', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      let asked = 0
      let answer: 'channelSuspended' | null = null
      const nobody = () => Promise.resolve(null)
      const stillAllowed = () => {
        asked += 1
        return Promise.resolve(answer)
      }
      const logins = { byPassword: nobody, byPublicKey: nobody, byToken: nobody, stillAllowed }
      const standing = new Standing(logins, box.channel)
      expect(await Promise.all([standing.refusal(), standing.refusal()])).toEqual([null, null])
      answer = 'channelSuspended'
      expect(await standing.refusal()).toBeNull()
      expect(asked).toBe(1)
      vi.advanceTimersByTime(1_000)
      expect(await standing.refusal()).toBe('channelSuspended')
      answer = null
      vi.advanceTimersByTime(5_000)
      expect(await standing.refusal()).toBe('channelSuspended')
      expect(asked).toBe(2)
    } finally {
      vi.useRealTimers()
    }
  })
})

test('REMOVE sent right behind CLOSE says that the file was taken', async () => {
  let open = () => {}
  box.gate = new Promise((resolve) => (open = resolve))
  const handle = await client.open('/inbox/a.edi', 'w')
  await client.write(handle, 0, Buffer.from('x'))
  const [closed, removed] = [client.close(handle), client.remove('/inbox/a.edi')]
  const renamed = await client.rename('/inbox/a.edi', '/inbox/b.edi')
  expect(renamed).toMatchObject({ status: 'PERMISSION_DENIED' })
  open()
  expect(await closed).toMatchObject({ status: 'OK' })
  expect(await removed).toMatchObject({ status: 'PERMISSION_DENIED' })
  expect(box.accepted).toHaveLength(1)
})
