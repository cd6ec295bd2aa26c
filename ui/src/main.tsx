import { render } from 'preact';
import { App } from './app';
import { applyTheme } from './preferences';
import { startRouter } from './router';
import './styles/index.css';

applyTheme();
startRouter();
const place = document.getElementById('app');
if (place) {
  place.replaceChildren();
  render(<App />, place);
}
