/** Daemons in containers of a real runtime (runc), with the rights that the chart gives them. */
package dev.culvert.tests.container;
