import { ATTRIBUTE } from './attribute.ts';
import { OUTPUT } from './output.ts';
import type { Recipe } from './recipe.ts';
import { SETTING } from './setting.ts';
import { SOURCE } from './source.ts';

/** All recipes, in the order of the documents. */
export const RECIPES: readonly Recipe[] = [SOURCE, ATTRIBUTE, SETTING, OUTPUT];
