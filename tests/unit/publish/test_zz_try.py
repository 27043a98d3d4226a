def test_try(hub):
    made = hub.build()
    print(made)
    print(hub.build())
    hub.decide(made.release)
    from publish.publication import publish
    p = publish(hub.settings, hub.ring, made.release)
    print(p); print(publish(hub.settings, hub.ring, made.release)==p)
    for t in ("person","event","involvement","manifest"):
        for r in hub.rows(f"select * from current.{t}"): print(r)
    print(hub.build())
    import subprocess; print(subprocess.run(["find",str(hub.settings.home)],capture_output=True,text=True).stdout)
    for r in hub.rows("select convert_from(entry,'utf8') from hub.audit_entry order by index"): print(r[0])
