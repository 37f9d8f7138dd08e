// What is sent, and what is kept when a drawing is drawn anew: see clicks.py. `element` and `trigger` are Gradio's.
const marks = new Map(), unfolded = new Map(), typed = new Map(), copied = new Map()
let focused = null
const all = what => [...element.querySelectorAll(what)]
const rows = () => all('input[data-id]')
const fieldOf = at => at.closest('form') ? at.name : null
const mark = (one, on) => { one.checked = on; on ? marks.set(one.dataset.id, one.dataset.seen) : marks.delete(one.dataset.id) }

function tell() {
  const count = rows().filter(one => one.checked).length
  const words = count ? `${count} marked` : 'Nothing is marked'
  for (const one of all('[data-marked]')) if (one.textContent !== words) one.textContent = words
  for (const one of all('input[data-all]')) {
    one.checked = count > 0 && count === rows().length
    one.indeterminate = count > 0 && count < rows().length
  }
}

function restore() {
  for (const one of rows()) {
    const id = one.dataset.id
    if (marks.has(id) && marks.get(id) !== one.dataset.seen) marks.delete(id)
    one.checked = marks.has(id)
  }
  for (const one of all('details[data-id]')) {
    const open = unfolded.get(one.dataset.id) ?? one.open
    if (one.open !== open) one.open = open  // to set what is set already would call this again, without end
  }
  for (const one of all('form [name]')) if (typed.has(one.name)) one.value = typed.get(one.name)
  refocus()
  tell()
}

function nameOf(at) {
  const of = name => `[${name}="${CSS.escape(at.getAttribute(name))}"]`
  const names = ['data-do', 'data-id', 'data-copy', 'href', 'name'].filter(name => at.hasAttribute(name))
  return names.length ? at.localName + names.map(of).join('') : null
}

function refocus() {
  const now = document.activeElement, at = focused && element.querySelector(focused)
  if (at && at !== now && (now === document.body || element.contains(now))) at.focus({preventScroll: true})
  else if (focused && !at && element.contains(now)) focused = nameOf(now)
}

// A character that does not show is drawn by its number: the text holds the character itself.
function textOf(drawn) {
  for (const odd of drawn.querySelectorAll('.odd')) odd.replaceWith(String.fromCodePoint(parseInt(odd.dataset.code, 16)))
  return drawn.textContent
}

async function copy(at) {
  const from = document.getElementById(at.dataset.copy)
  if (!from) return
  try {
    await navigator.clipboard.writeText(textOf(from.cloneNode(true)))
  } catch {  // without https the clipboard is out of reach: what is selected can be copied by hand
    return getSelection().selectAllChildren(from)
  }
  const before = copied.get(at)
  clearTimeout(before?.timer)
  const words = before?.words ?? at.textContent
  at.textContent = 'Copied'
  copied.set(at, {words, timer: setTimeout(() => { at.textContent = words; copied.delete(at) }, 1500)})
}

element.addEventListener('click', event => {
  const at = event.target.closest('[data-do], [data-copy]')
  if (!at) return
  event.preventDefault()
  if (at.dataset.copy) return copy(at)
  const marked = rows().filter(one => one.checked).map(one => one.dataset.id)
  trigger('click', {do: at.dataset.do, id: at.dataset.id || '', marked})
})
element.addEventListener('copy', event => {
  const range = getSelection().rangeCount ? getSelection().getRangeAt(0) : null
  const within = range?.commonAncestorContainer
  if (!(within?.nodeType === Node.TEXT_NODE ? within.parentElement : within)?.closest('.listing')) return
  event.clipboardData.setData('text/plain', textOf(range.cloneContents()))
  event.preventDefault()
})
element.addEventListener('change', event => {
  const at = event.target
  if (at.matches('input[data-all]')) for (const one of rows()) mark(one, at.checked)
  else if (at.matches('input[data-id]')) mark(at, at.checked)
  tell()
})
element.addEventListener('input', event => { if (fieldOf(event.target)) typed.set(fieldOf(event.target), event.target.value) })
element.addEventListener('toggle', event => {
  if (event.target.dataset?.id) unfolded.set(event.target.dataset.id, event.target.open)
}, true)
element.addEventListener('focusin', event => {
  focused = nameOf(event.target)
})
document.addEventListener('focusin', event => { if (!element.contains(event.target)) focused = null })
// What is drawn anew is mended in place: a row's elements may become another row's.
new MutationObserver(restore).observe(element, {childList: true, subtree: true, attributes: true, characterData: true})
tell()
