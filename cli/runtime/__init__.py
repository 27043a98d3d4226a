"""Running the hub's programs on one machine: Airflow's start, stop, REST interface, and one quarter through it."""
