/**
 * The situations that the mesh must master, one test each. Those that every transport must master
 * are abstract and take the mesh; MeshOverTransportTest nests them.
 */
package dev.culvert.tests.scenario;
