/**
 * YAML as a tree that remembers its lines. Enters: the text of a file. Leaves: its documents, or
 * the document, line, problem and remedy of what is wrong. Size, depth and aliases are bounded.
 * Pure.
 */
package dev.culvert.policy.yaml;
