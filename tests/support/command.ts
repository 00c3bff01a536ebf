import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../../hub/cli/crossdock.mjs', import.meta.url))

export interface EndedCommand {
  code: number | null
  out: string
  error: string
}

/** Runs a verb of `crossdock` in a process of its own, as people do; `started` is told of it at once. */
export async function runCommand(
  args: string[],
  env: Record<string, string>,
  started: (child: ChildProcess) => void = () => {},
): Promise<EndedCommand> {
  const child = spawn(process.execPath, [command, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started(child)
  const ended: EndedCommand = { code: null, out: '', error: '' }
  child.stdout.on('data', (data: Buffer) => (ended.out += data.toString()))
  child.stderr.on('data', (data: Buffer) => (ended.error += data.toString()))
  ended.code = await new Promise((resolve) => child.once('close', resolve))
  return ended
}

/** Signs a person in at the portal of a hub; returns the cookie. */
export async function signIn(hub: string, email: string, password: string): Promise<string> {
  const response = await fetch(`${hub}/sign-in`, {
    method: 'POST',
    body: new URLSearchParams({ email, password }),
    redirect: 'manual',
  })
  const cookie = response.headers.getSetCookie().find((each) => /session/.test(each))
  if (cookie === undefined) throw new Error(`not signed in: ${response.status} ${await response.text()}`)
  return cookie.split(';')[0]!
}
