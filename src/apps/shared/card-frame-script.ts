// Runs in the frame of a card, next to card HTML. It is the only script that the frame's policy permits, by its hash.
// It starts before the body exists.

const { documentElement } = document;
const post = (message: object) => parent.postMessage(message, '*');

const reportHeight = () => post({ height: documentElement.getBoundingClientRect().height });

new ResizeObserver(reportHeight).observe(documentElement);
// A browser does not draw a frame that is outside of the window, and its observers wait.
document.addEventListener('DOMContentLoaded', reportHeight);
window.addEventListener('load', reportHeight);

const linkOf = ({ target }: Event): string | undefined =>
  target instanceof Element ? target.closest<HTMLElement>('[data-href]')?.dataset['href'] : undefined;

document.addEventListener('click', (event) => {
  const link = linkOf(event);
  if (link !== undefined) post({ link });
});

document.addEventListener('keydown', (event) => {
  const link = event.key === 'Enter' ? linkOf(event) : undefined;
  const isControl = event.target instanceof Element && event.target.closest('summary') !== null;
  if (link !== undefined) post({ link });
  else if (!isControl && !event.repeat && !event.ctrlKey && !event.metaKey && !event.altKey) {
    post({ key: event.key });
    if (event.key === ' ') event.preventDefault();
  }
});
