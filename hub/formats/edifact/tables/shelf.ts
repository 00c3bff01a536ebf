import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { limits } from '#hub/base/limits.ts'
import type { Directory } from '../directory.ts'
import { Pack } from './pack.ts'
import { PackedDirectory, type DirectoryPacks } from './packed-directory.ts'

/** The three texts of packed directories, as files. */
export const packFiles = { messages: 'messages.txt', parts: 'parts.txt', codes: 'codes.txt' } as const

/**
 * Directories that were imported stand in this folder, one folder each, and win over those of the package. Without it there
 * are only the latter.
 */
export function useImportedDirectories(folder: string | null): void {
  importedFolder = folder
  held.clear()
}

/** The directory of this version (`D.96A`), with the service segments of that syntax version; null if there is none. */
export function openDirectory(version: string, syntaxVersion: number): Directory | null {
  const key = `${version}/${syntaxVersion}`
  const found = held.get(key)
  if (found !== undefined) return found
  const name = version.toUpperCase()
  if (!directoryName.test(name)) return null
  const packs = importedPacks(name) ?? shippedPacks(name)
  if (packs === null) return null
  const directory = new PackedDirectory(name, packs, serviceDirectory(syntaxVersion))
  // the one that was opened first makes room: it is quickly read again
  if (held.size >= limits.directoriesHeld) held.delete(held.keys().next().value!)
  held.set(key, directory)
  return directory
}

/** The service segments and messages of a syntax version, 1 to 4. */
export function serviceDirectory(syntaxVersion: number): Directory {
  const name = `S.${syntaxVersion >= 1 && syntaxVersion <= 4 ? syntaxVersion : 4}`
  const found = services.get(name)
  if (found !== undefined) return found
  const directory = new PackedDirectory(name, service, null)
  services.set(name, directory)
  return directory
}

export interface ListedDirectory {
  name: string
  source: 'package' | 'imported'
}

/** All directories that can be opened, in their order of time. */
export function listDirectories(): ListedDirectory[] {
  const imported = importedNames()
  const names = new Set([...shipped.parts.directories, ...imported])
  return [...names]
    .toSorted((one, other) => (ageOf(one) < ageOf(other) ? -1 : 1))
    .map((name) => ({ name, source: imported.includes(name) ? 'imported' : 'package' }))
}

/** Sorts directories by their time: the years of the names have two digits, the first was of 1993. */
export function ageOf(name: string): string {
  const year = Number(name.slice(2, 4))
  return `${year >= 90 ? 1900 + year : 2000 + year}${name.slice(4)}`
}

const directoryName = /^D\.\d\d[A-Z]$/

let importedFolder: string | null = null
const held = new Map<string, Directory>()
const services = new Map<string, Directory>()

const shipped = packsOf((file) =>
  readFileSync(new URL(`../directories/${packFiles[file]}`, import.meta.url), 'utf8'),
)
const service = packsOf((file) =>
  readFileSync(new URL(`../directories/service-${packFiles[file]}`, import.meta.url), 'utf8'),
)

function shippedPacks(name: string): DirectoryPacks | null {
  return shipped.parts.indexOf(name) < 0 ? null : shipped
}

function importedPacks(name: string): DirectoryPacks | null {
  if (importedFolder === null) return null
  const folder = join(importedFolder, name)
  if (!existsSync(join(folder, packFiles.parts))) return null
  return packsOf((file) => readFileSync(join(folder, packFiles[file]), 'utf8'))
}

function importedNames(): string[] {
  if (importedFolder === null || !existsSync(importedFolder)) return []
  return readdirSync(importedFolder).filter((name) => directoryName.test(name))
}

/** Packs that are read when first asked for. */
function packsOf(read: (file: keyof typeof packFiles) => string): DirectoryPacks {
  const packs = new Map<string, Pack>()
  const pack = (file: keyof typeof packFiles): Pack => {
    const found = packs.get(file) ?? new Pack(read(file))
    packs.set(file, found)
    return found
  }
  return {
    get messages() {
      return pack('messages')
    },
    get parts() {
      return pack('parts')
    },
    get codes() {
      return pack('codes')
    },
  }
}
