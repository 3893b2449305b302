/** Names, labels and ports: apimachinery's util/validation, with its texts. */
import { isIP } from 'node:net'
import type { FieldError } from './field-errors.ts'
import { forbiddenField, invalidField, requiredField } from './field-errors.ts'
import type { LabelSelector } from '../store/label-selector.ts'

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomain = String.raw`${label}(\.${label})*`
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const qualified = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'

interface Rule {
  pattern: RegExp
  length: number
  message: string
}

function createRule(text: string, format: string, length: number, examples: string): Rule {
  const message = `${text} (e.g. ${examples}, regex used for validation is '${format}')`
  return { pattern: new RegExp(`^${format}$`), length, message }
}

const alphanumeric =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
export type RuleName =
  | 'label'
  | 'subdomain'
  | 'label1035'
  | 'qualifiedName'
  | 'labelValue'
  | 'configKey'
  | 'percent'
  | 'header'
  | 'searchPath'
const rules: Record<RuleName, Rule> = {
  label: createRule(
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
    label,
    63,
    "'my-name',  or '123-abc'",
  ),
  subdomain: createRule(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
    subdomain,
    253,
    "'example.com'",
  ),
  label1035: createRule(
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
    label1035,
    63,
    "'my-name',  or 'abc-123'",
  ),
  qualifiedName: createRule(`name part ${alphanumeric}`, qualified, 63, "'MyName',  or 'my.name',  or '123-abc'"),
  labelValue: createRule(
    `a valid label must be an empty string or consist of ${alphanumeric.slice('must consist of '.length)}`,
    `(${qualified})?`,
    63,
    "'MyValue',  or 'my_value',  or '12345'",
  ),
  configKey: createRule(
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    '[-._a-zA-Z0-9]+',
    253,
    "'key.name',  or 'KEY_NAME',  or 'key-name'",
  ),
  percent: createRule(
    "a valid percent string must be a numeric string followed by an ending '%'",
    '[0-9]+%',
    20,
    "'1%',  or '93%'",
  ),
  searchPath: createRule(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
    String.raw`_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*`,
    253,
    "'example.com'",
  ),
  header: createRule(
    "a valid HTTP header must consist of alphanumeric characters or '-'",
    '[-A-Za-z0-9]+',
    Infinity,
    "'X-Header-Name'",
  ),
}

/** What is wrong with a name, if anything. */
export function validateName(field: string, value: string, ruleName: RuleName): FieldError[] {
  return findNameProblems(value, ruleName).map((text) => invalidField(field, value, text))
}

export function findNameProblems(value: string, ruleName: RuleName): string[] {
  const { pattern, length, message } = rules[ruleName]
  const texts: string[] = []
  if (value.length > length) texts.push(`must be no more than ${length} characters`)
  if (!pattern.test(value)) {
    const isSubdomain = ruleName === 'label' && rules.subdomain.pattern.test(value)
    texts.push(isSubdomain ? 'must not contain dots' : message)
  }
  return ruleName === 'configKey' ? [...texts, ...findDotProblems(value)] : texts
}

/** A key becomes the name of a file. */
function findDotProblems(key: string): string[] {
  if (key === '.') return ["must not be '.'"]
  if (key === '..') return ["must not be '..'"]
  return key.startsWith('..') ? ["must not start with '..'"] : []
}

export function validateEnvVarName(field: string, name: string): FieldError[] {
  if (/^[ -<>-~]+$/.test(name)) return []
  return [
    invalidField(
      field,
      name,
      "a valid environment variable name must consist only of printable ASCII characters other than '='",
    ),
  ]
}

export function validateIp(field: string, ip: string): FieldError[] {
  return isIP(ip) === 0
    ? [invalidField(field, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]
    : []
}

export function validateLabels(field: string, labels: Record<string, string> = {}): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...validateLabelName(field, key),
    ...validateName(field, value, 'labelValue'),
  ])
}

export function validateAnnotations(field: string, annotations: Record<string, string> = {}): FieldError[] {
  return Object.keys(annotations).flatMap((key) => validateLabelName(field, key.toLowerCase()))
}

/** The key of a label or an annotation: a name, optionally after a DNS subdomain and `/`. */
export function validateLabelName(field: string, key: string): FieldError[] {
  const parts = key.split('/')
  const name = parts.at(-1) ?? ''
  if (parts.length > 2) {
    const { message } = rules.qualifiedName
    const text = `${message.replace('name part must', 'a qualified name must')} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`
    return [invalidField(field, key, text)]
  }
  const errors = validateName(field, name, 'qualifiedName').map((error) => ({
    ...error,
    body: error.body
      .replace(JSON.stringify(name), JSON.stringify(key))
      .replace(': must be no', ': name part must be no'),
  }))
  if (name === '') errors.unshift(invalidField(field, key, 'name part must be non-empty'))
  const [prefix] = parts
  if (parts.length === 2 && prefix === '') errors.unshift(invalidField(field, key, 'prefix part must be non-empty'))
  else if (parts.length === 2 && !rules.subdomain.pattern.test(prefix ?? '')) {
    errors.unshift(invalidField(field, key, `prefix part ${rules.subdomain.message}`))
  }
  return errors
}

export function validateLabelSelector(field: string, selector: LabelSelector): FieldError[] {
  const requirements = (selector.matchExpressions ?? []).flatMap(({ key, operator, values = [] }, index) => {
    const path = `${field}.matchExpressions[${index}]`
    const errors = validateLabelName(`${path}.key`, key ?? '')
    if (operator === 'In' || operator === 'NotIn') {
      const detail = "must be specified when `operator` is 'In' or 'NotIn'"
      return values.length === 0 ? [requiredField(`${path}.values`, detail), ...errors] : errors
    }
    if (operator === 'Exists' || operator === 'DoesNotExist') {
      const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
      return values.length > 0 ? [forbiddenField(`${path}.values`, detail), ...errors] : errors
    }
    return [invalidField(`${path}.operator`, operator ?? '', 'not a valid selector operator'), ...errors]
  })
  return [...validateLabels(`${field}.matchLabels`, selector.matchLabels), ...requirements]
}

export function validatePortNumOrName(field: string, value: number | string | undefined): FieldError[] {
  if (typeof value === 'string') return validatePortName(field, value)
  if (value !== undefined && value >= 1 && value <= 65_535) return []
  return [invalidField(field, value ?? 0, 'must be between 1 and 65535, inclusive')]
}

export function validatePortName(field: string, name: string): FieldError[] {
  const texts: string[] = []
  if (name.length > 15) texts.push('must be no more than 15 characters')
  if (!/^[-a-z0-9]+$/.test(name)) texts.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(name)) texts.push('must contain at least one letter (a-z)')
  if (name.includes('--')) texts.push('must not contain consecutive hyphens')
  if (/^-|-$/.test(name)) texts.push('must not begin or end with a hyphen')
  return texts.map((text) => invalidField(field, name, text))
}
