import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostileTexts } from '../../testing/hostile-texts.ts'
import { escapeText, formatExcerpt, html, escapeJson, trustMarkup, showInvisible } from './escape-html.ts'

test('values in a template open no element, end no attribute, begin no entity', () => {
  expect(html`<p title="${'"><b>'}">${"<i>'&amp;"}</p>`.toString()).toBe(
    '<p title="&quot;&gt;&lt;b&gt;">&lt;i&gt;&#39;&amp;amp;</p>',
  )
})

test('only markup made by the tag passes as markup', () => {
  const forged = { toString: () => '<script>' } as unknown as string
  expect(html`${[html`<b>1</b>`, trustMarkup('<i></i>'), null, undefined, false, 0]}`.toString()).toBe(
    '<b>1</b><i></i>0',
  )
  expect(() => html`${forged}`.toString()).toThrow(TypeError)
})

test('control, bidirectional and invisible characters become visible', () => {
  expect(showInvisible('a\u001b[31m\u007f\n')).toBe('a␛[31m␡␊')
  expect(showInvisible('x\u202Ey\u200b\ufeff\u2028\u{e0041}\u0085')).toBe(
    'x⟨U+202E⟩y⟨U+200B⟩⟨U+FEFF⟩⟨U+2028⟩⟨U+E0041⟩⟨U+0085⟩',
  )
  expect(showInvisible('\ud800!')).toBe('⟨U+D800⟩!')
  expect(showInvisible('é 日本 🙂 ✓')).toBe('é 日本 🙂 ✓')
})

test('no text leaves anything but plain characters behind', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(escapeText(text)).not.toMatch(/[<>"'\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u)
    }),
  )
})

test('JSON for the page cannot end its element and reads back the same', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...hostileTexts)), (text) => {
      const json = escapeJson({ text }).toString()
      expect(json).not.toMatch(/[<>&\u2028\u2029]/)
      expect(JSON.parse(json)).toEqual({ text: showInvisible(text) })
    }),
  )
})

test('an excerpt says how much it leaves out and never halves a character', () => {
  expect(formatExcerpt('🙂'.repeat(5), 3)).toBe('🙂🙂🙂… (2 more characters)')
  expect(formatExcerpt('short\u0000')).toBe('short␀')
})
