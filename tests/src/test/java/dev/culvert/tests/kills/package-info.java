/** Processes of the mesh that are killed at random, and what traffic may have noticed of it. */
package dev.culvert.tests.kills;
