import './page.css';
import 'slack-blocks-to-jsx/dist/style.css';
import { createRoot } from 'react-dom/client';
import { Page } from './page.tsx';

const place = document.getElementById('page');
const asked = new URLSearchParams(location.search);
if (place) createRoot(place).render(<Page channel={asked.get('channel')} as={asked.get('as')} />);
