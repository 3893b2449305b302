/** A list of requests in the form of users, in a file or on the command line. */
import { z } from 'zod'
import { isLinearPattern } from '../base/text/linear-pattern.ts'
import { createListSchema } from '../model/load/request-schema.ts'
import type { WeightedRequest } from '../model/load/requests.ts'

const unusablePattern = 'must be a regular expression without look-around, back-references and counts above 16'

/** Unknown keys are refused: a misspelt one would have no effect, without notice. */
export const requestListSchema: z.ZodType<WeightedRequest[]> = createListSchema(z.strictObject).superRefine(
  (requests, context) => {
    for (const [index, { expect }] of requests.entries()) {
      const pattern = expect?.body?.matches
      if (pattern === undefined || isLinearPattern(pattern)) continue
      context.addIssue({ code: 'custom', message: unusablePattern, path: [index, 'expect', 'body', 'matches'] })
    }
  },
)
