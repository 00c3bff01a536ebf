import { userInfo } from 'node:os'

/** Who the ledger says did it, where no person is named: the account of this machine that ran the command. */
export function account(): string {
  try {
    return `cli:${userInfo().username}`
  } catch {
    return 'cli'
  }
}
