import { readdirSync, readFileSync } from 'node:fs'

/** Ticks a second of /proc/<pid>/stat; 100 on every Linux that Node runs on. */
const ticksPerSecond = 100

/** CPU time that a process and its threads have used so far, in ms; with `children`, also what ended children of it used. */
export function cpuMsOf(pid: number, children = false): number {
  const ticks = ticksOf(pid)
  if (ticks === null) return 0
  const [user, system, childUser, childSystem] = ticks
  return ((user + system + (children ? childUser + childSystem : 0)) * 1000) / ticksPerSecond
}

/** CPU time of a process and all that descend from it, those that ended included, in ms. */
export function cpuMsOfTree(pid: number): number {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? fieldsOf(Number(name)) : null
    if (stat !== null) parents.set(Number(name), Number(stat[1]))
  }
  let total = cpuMsOf(pid, true)
  for (const [child, parent] of parents) if (parent === pid) total += cpuMsOfTree(child)
  return total
}

function ticksOf(pid: number): [number, number, number, number] | null {
  const fields = fieldsOf(pid)
  if (fields === null) return null
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15).map(Number)
  return [user, system, childUser, childSystem]
}

/** The fields behind the name, which may hold blanks: state is the first (proc(5)). Null where the process has ended. */
function fieldsOf(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return null
  }
}
