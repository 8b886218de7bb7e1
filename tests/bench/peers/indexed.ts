export { indexed as engine } from '../closures.ts';
