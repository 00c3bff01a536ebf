#!/usr/bin/env node
// Starts the command on the Node that npm brought along, where the one in use is too old to run TypeScript.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const wanted = 24
const here = dirname(fileURLToPath(import.meta.url))

if (Number(process.versions.node.split('.')[0]) >= wanted) {
  // whoever kills the launcher (below) means the hub: without it, the hub stops as if it were asked to
  if (process.channel !== undefined) {
    process.channel.unref()
    process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  }
  try {
    const { run } = await import('./run.ts')
    process.exitCode = await run(process.argv.slice(2))
  } catch (error) {
    // limits are read as the program is loaded: what is wrong with them is told here
    process.stderr.write(`crossdock: ${error.message}\n`)
    process.exitCode = 2
  }
} else {
  // the program itself, not node_modules/.bin: not every npm makes that link where a package is for one platform only
  const windows = process.platform === 'win32'
  const brought = `node-${windows ? 'win' : process.platform}-${process.arch}`
  const node = join(here, '..', '..', 'node_modules', brought, 'bin', windows ? 'node.exe' : 'node')
  if (!existsSync(node)) {
    process.stderr.write(
      `crossdock needs Node ${wanted} or newer; this is ${process.versions.node}. Run "npm ci" first: it brings one.\n`,
    )
    process.exit(2)
  }
  // room for what lives shortly: a tenth less of the processor's time goes into collecting it
  const child = spawn(
    node,
    ['--max-semi-space-size=64', join(here, 'crossdock.mjs'), ...process.argv.slice(2)],
    {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    },
  )
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 2))
}
