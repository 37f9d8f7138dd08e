// What do pages do by themselves in the browser? Tell times as distances, show what is new, and notice silence.
(() => {
  const FRESH_MS = 3000, SILENT_MS = 35000, ASK_MS = 5000, LONG_MS = 10000
  const still = matchMedia('(prefers-reduced-motion: reduce)')
  const seen = new Map()  // name of a drawing -> name of a row -> when it was first seen; 0: with the drawing itself
  const exactly = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium', timeStyle: 'long'})
  const day = new Intl.DateTimeFormat(undefined, {day: 'numeric', month: 'short', year: 'numeric'})
  let heard = {said: null, at: 0, ahead: 0}, asked = 0

  function distance(ms) {
    const s = Math.max(0, Math.floor(ms / 1000))
    if (s < 3) return 'now'
    if (s < 60) return `${s} s ago`
    if (s < 3600) return `${Math.floor(s / 60)} min ago`
    if (s < 86400) return `${Math.floor(s / 3600)} h ago`
    return s < 7 * 86400 ? `${Math.floor(s / 86400)} d ago` : null
  }

  function tellTimes() {
    for (const one of document.querySelectorAll('time[datetime]')) {
      const at = new Date(one.dateTime)
      const words = distance(Date.now() + heard.ahead - at) ?? day.format(at)
      if (one.textContent !== words) one.textContent = words
      if (!one.title) one.title = exactly.format(at)
    }
  }

  // Gradio changes rows in place, by their position: what glows goes by the row's name, not by its element.
  function showFresh() {
    for (const drawing of document.querySelectorAll('[id^=rsolv-]:has(section:not([aria-busy]))')) {
      const first = !seen.has(drawing.id)
      if (first) seen.set(drawing.id, new Map())
      const rows = seen.get(drawing.id)
      for (const row of drawing.querySelectorAll('[data-row]')) {
        const name = row.dataset.row
        if (!rows.has(name)) rows.set(name, first ? 0 : Date.now())
        const age = Date.now() - rows.get(name)
        if (row.glow && row.glow.of !== name) row.glow.cancel()
        if (row.glow?.of === name || age > FRESH_MS || still.matches) continue
        row.glow = row.animate([{backgroundColor: 'var(--fresh)'}, {backgroundColor: 'transparent'}],
          {duration: FRESH_MS, easing: 'ease-in'})
        row.glow.of = name
        row.glow.currentTime = age
      }
    }
  }

  function tellTitle() {
    const title = document.querySelector('header[data-title]')?.dataset.title
    if (title && document.title !== title) document.title = title
  }

  // When the server last spoke, by this clock, and by how much its clock is ahead.
  function hear() {
    const said = document.querySelector('.live time')?.dateTime
    if (said && said !== heard.said) heard = {said, at: Date.now(), ahead: new Date(said) - Date.now()}
  }

  // A page beyond those that may be live at once hears nothing until another is closed.
  function tellWaiting() {
    const waiting = document.querySelector('.live.waiting span')
    const words = 'Still waiting: the service is slow, or too many pages are open'
    if (waiting && heard.said === null && performance.now() > LONG_MS && waiting.textContent !== words) waiting.textContent = words
  }

  // It speaks every 20 s at the latest. When it does not, it is asked whether the session is over: that leads to the login.
  async function noticeSilence() {
    const silent = heard.said !== null && Date.now() - heard.at > SILENT_MS
    document.querySelector('.live')?.classList.toggle('silent', silent)
    if (!silent || Date.now() - asked < ASK_MS) return
    asked = Date.now()
    try {
      const answer = await fetch(document.querySelector('header[data-session]').dataset.session, {cache: 'no-store'})
      if (answer.status === 401) location.reload()
    } catch {}  // the service is away: it is asked again
  }

  function look() { hear(); tellTimes(); showFresh(); tellTitle() }
  new MutationObserver(look).observe(document.documentElement, {childList: true, subtree: true, characterData: true})
  setInterval(() => { tellTimes(); tellWaiting(); noticeSilence() }, 1000)
})()
