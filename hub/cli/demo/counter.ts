import SftpClient from 'ssh2-sftp-client'

/** A partner's side of its hosted mailbox: puts files into inbox/, collects those of outbox/. */
export interface Counter {
  put(name: string, bytes: Buffer): Promise<void>
  /** Fetches and deletes what lies in outbox/; returns what was new. */
  collect(): Promise<{ name: string; bytes: Buffer }[]>
  close(): Promise<void>
}

/** Logs in to the hub's SFTP server on loopback. */
export async function openCounter(login: {
  port: number
  username: string
  password: string
}): Promise<Counter> {
  const client = new SftpClient(login.username)
  await client.connect({ host: '127.0.0.1', ...login })
  return {
    put: async (name, bytes) => {
      await client.put(bytes, `/inbox/${name}`)
    },
    collect: async () => {
      const collected: { name: string; bytes: Buffer }[] = []
      for (const { name } of await client.list('/outbox')) {
        const bytes = await client.get(`/outbox/${name}`)
        collected.push({ name, bytes: bytes as Buffer })
      }
      return collected
    },
    close: async () => {
      await client.end()
    },
  }
}
