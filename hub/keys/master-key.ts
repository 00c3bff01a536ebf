import { randomBytes } from 'node:crypto'
import { chmodSync, readFileSync, statSync } from 'node:fs'
import { link, mkdir, open, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { HubError } from '#hub/model/errors.ts'
import { masterKeyId } from './provider.ts'

export interface MasterKeyConfig {
  /**
   * CROSSDOCK_MASTER_KEY: one or several keys of 32 bytes in base64, parted by commas or blanks; null for the file
   * `master.key` of the data folder, which has one a line.
   */
  masterKey: string | null
  dataFolder: string
}

/** Where master keys come from: the variable, which only people change, or the file, which the hub may write. */
export interface MasterKeySource {
  /** For people: the variable's name or the file's path. */
  readonly where: string
  readonly isFile: boolean
  /**
   * The keys as they stand there now; none where there is no file. Throws HubError `masterKeyMissing` that says where a
   * key of a wrong form stands.
   */
  read(): Buffer[]
  /** Makes the file with a first key (mode 0600), unless there is one. */
  make(): Promise<void>
  /** Adds a fresh key to the file, durably; returns its id. */
  add(): Promise<string>
  /** Moves a key out of the file into one of its own beside it; returns that one's path, or null where it was not there. */
  setAside(id: string): Promise<string | null>
}

const keyBytes = 32

export function masterKeySource({ masterKey, dataFolder }: MasterKeyConfig): MasterKeySource {
  if (masterKey !== null) return variableSource(masterKey)
  const path = join(dataFolder, 'master.key')
  const read = () => decodeKeys(readKeyFile(path) ?? '', path)
  return {
    where: path,
    isFile: true,
    read,
    make: () => makeKeyFile(dataFolder, path),
    add: async () => {
      const key = randomBytes(keyBytes)
      await replaceKeyFile(dataFolder, path, [...read(), key])
      return masterKeyId(key)
    },
    setAside: async (id) => {
      const keys = read()
      const found = keys.find((key) => masterKeyId(key) === id)
      if (found === undefined) return null
      const aside = `${path}.retired-${id}`
      await replaceKeyFile(dataFolder, aside, [found])
      await replaceKeyFile(
        dataFolder,
        path,
        keys.filter((key) => key !== found),
      )
      return aside
    },
  }
}

function variableSource(text: string): MasterKeySource {
  const where = 'CROSSDOCK_MASTER_KEY'
  const refuse = async (): Promise<never> => {
    throw new HubError('masterKeyMissing', `${where} is set, which the hub cannot change`)
  }
  return {
    where,
    isFile: false,
    read: () => decodeKeys(text, where),
    make: async () => {},
    add: refuse,
    setAside: async () => null,
  }
}

function decodeKeys(text: string, where: string): Buffer[] {
  return text
    .split(/[\s,]+/)
    .filter((word) => word !== '')
    .map((word) => decodeKey(word, where))
}

function decodeKey(text: string, where: string): Buffer {
  const key = Buffer.from(text, 'base64')
  // Buffer skips what is not base64, so that a mistyped key would quietly become another one
  const exact = key.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '')
  if (!exact) throw new HubError('masterKeyMissing', `the master key in ${where} is not base64`)
  if (key.length !== keyBytes) {
    throw new HubError(
      'masterKeyMissing',
      `the master key in ${where} has ${key.length} bytes, not ${keyBytes}`,
    )
  }
  return key
}

function readKeyFile(path: string): string | null {
  try {
    const text = readFileSync(path, 'utf8')
    const { mode } = statSync(path)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) chmodSync(path, 0o600)
    if (text.trim() === '') throw new HubError('masterKeyMissing', `the master key ${path} is empty`)
    return text
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    if (error instanceof HubError) throw error
    throw new HubError('masterKeyMissing', `the master key ${path} cannot be read`, { cause: error })
  }
}

/** Writes beside and links, so that two that start at once agree on one key and nobody reads half of it. */
async function makeKeyFile(folder: string, path: string): Promise<void> {
  const beside = await writeBeside(folder, path, [randomBytes(keyBytes)])
  try {
    await link(beside, path)
    await syncFolder(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await unlink(beside)
  }
}

/** Whoever reads meanwhile has the keys of before or those of now. */
async function replaceKeyFile(folder: string, path: string, keys: readonly Buffer[]): Promise<void> {
  const beside = await writeBeside(folder, path, keys)
  await rename(beside, path)
  await syncFolder(folder)
}

async function writeBeside(folder: string, path: string, keys: readonly Buffer[]): Promise<string> {
  await mkdir(folder, { recursive: true })
  const beside = `${path}.${randomBytes(6).toString('hex')}`
  const file = await open(beside, 'wx', 0o600)
  try {
    await file.writeFile(keys.map((key) => `${key.toString('base64')}\n`).join(''))
    // as root for the hub's own user: a file of root's the hub could not read
    const owner = process.getuid?.() === 0 ? await stat(folder) : null
    if (owner !== null) await file.chown(owner.uid, owner.gid)
    await file.sync()
  } finally {
    await file.close()
  }
  return beside
}

/** The name of a new file is durable only when its folder is. Windows cannot open folders and needs no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
