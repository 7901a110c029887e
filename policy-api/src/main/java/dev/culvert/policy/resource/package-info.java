/**
 * Kubernetes resources as Culvert reads them. Enters: files of YAML by name. Leaves: records of
 * what we use of each resource, and errors that name file, document, line, field and remedy.
 * Policies, and what says where connections go, are read strictly (an unknown field is an error),
 * other kinds leniently. Pure and immutable.
 */
package dev.culvert.policy.resource;
