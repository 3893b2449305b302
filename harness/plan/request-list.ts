/** A list of requests as users write it, in a file or on the command line. */
import { z } from 'zod'
import { isLinearPattern } from '../base/text/linear-pattern.ts'
import { createListSchema } from '../model/load/request-schema.ts'
import type { WeightedRequest } from '../model/load/requests.ts'

const unusablePattern = 'must be a regular expression without look-around, back-references and counts above 16'

/** Keys that are not known are refused: a misspelt one would change nothing in silence. */
export const requestListSchema: z.ZodType<WeightedRequest[]> = createListSchema(z.strictObject).superRefine(
  (requests, context) => {
    for (const [index, { expect }] of requests.entries()) {
      const pattern = expect?.body?.matches
      if (pattern === undefined || isLinearPattern(pattern)) continue
      context.addIssue({ code: 'custom', message: unusablePattern, path: [index, 'expect', 'body', 'matches'] })
    }
  },
)
