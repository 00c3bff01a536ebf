import { readFileSync, writeFileSync } from 'node:fs'

/** Resident memory of a process on Linux, in MiB: now, and its peak since it was last forgotten. Null elsewhere. */
export function residentMiB(pid: number): { now: number; peak: number } | null {
  const status = readOrNull(`/proc/${pid}/status`)
  if (status === null) return null
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024
  return { now: Math.round(field('VmRSS')), peak: Math.round(field('VmHWM')) }
}

/** From here on the peak counts anew (proc(5), clear_refs). */
export function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
  } catch {
    // no such file but on Linux, where `residentMiB` is null as well
  }
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
