/** One thing that a cluster needs, of this machine or of somebody else's cluster. */
export interface MachineCheck {
  name: string
  ok: boolean
  found: string
  /** What to do, one line or a few; empty when it is there, unless more could be had. */
  fix: string
}
