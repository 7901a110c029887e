/**
 * Where resources come from: a folder of YAML or an API server. Leaves: changes of resources, read
 * by one set of rules, and what is wrong with them; an object with an error keeps what it last
 * said.
 */
package dev.culvert.controlplane.source;
