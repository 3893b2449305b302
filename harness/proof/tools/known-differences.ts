/** Cases in which a tool does more than its rule about single requests can predict, by tool and play. */
import type { LoadTool } from '../../model/tools/tool-report.ts'

const glued = 'after an answer that was cut it takes the next one for the rest of it, and counts errors for that'

export const knownDifferences: Partial<Record<LoadTool, Record<string, string>>> = {
  autocannon: { 'cut by FIN': glued, 'cut by RST': glued },
  wrk: { refused: 'it connects once before it begins, and ends with exit code 1 where that fails' },
  curl: { 'no answer': 'here it has a time limit of 5 s, which the loop has not' },
  'ab -k -r': { refused: 'of refusals every other one counts as an exception as well' },
}
