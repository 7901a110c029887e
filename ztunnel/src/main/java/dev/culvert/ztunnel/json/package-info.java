/**
 * JSON as text. Enters: names and values in the order they shall stand. Leaves: a document without
 * spaces. One thread per document.
 */
package dev.culvert.ztunnel.json;
