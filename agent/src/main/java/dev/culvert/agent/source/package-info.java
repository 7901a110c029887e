/** Where an agent learns which pods its node has: a folder, or an API server. */
package dev.culvert.agent.source;
