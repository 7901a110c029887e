/**
 * Kubernetes resources as Culvert reads them. Enters: files of YAML by name. Leaves: records of
 * what we use of each resource, and errors that name file, document, line, field and remedy.
 * Policies are read strictly (an unknown field is an error); of Gateways and entries unknown fields
 * are told, of other kinds skipped. Pure and immutable.
 */
package dev.culvert.policy.resource;
